/* Stacks that were walked before: what makes one the same, and what another one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lttng/copy.h"
#include "lttng/memo.h"

static struct stack_copy copy;

static void put(size_t offset, uint64_t word)
{
	memcpy(copy.bytes + offset, &word, sizeof(word));
}

/* A walk that reads a register and two words, and finds two frames. */
static struct memo *walked(void)
{
	struct memo *memo;

	memset(&copy, 0, sizeof(copy));
	copy.registers[REG_RIP] = 0x1000;
	copy.registers[REG_RSP] = 0x7000;
	copy.registers[REG_RBP] = 0x7040;
	copy.registers[REG_RBX] = 5;
	copy.begin = 0x7000;
	copy.size = sizeof(copy.bytes);
	put(8, 0x2000);
	put(72, 0x3000);
	memo = memo_of(&copy);
	memo_begin(memo, &copy);
	assert_int_equal(memo_span(memo, &copy), 0);
	memo_register(memo, REG_RBP, 0x7040);
	memo_word(memo, 72, 0x3000);
	memo_word(memo, 8, 0x2000);
	assert_true(memo_frame(memo, 0x1000));
	assert_true(memo_frame(memo, 0x2000));
	memo_end(memo);
	return memo;
}

static void test_the_same_stack(void **state)
{
	struct memo *memo = walked();

	(void)state;
	assert_ptr_equal(memo_of(&copy), memo);
	assert_int_equal(memo_span(memo, &copy), 80);
	copy.size = 80;
	assert_true(memo_fits(memo, &copy));
	assert_int_equal(memo->count, 2);
	assert_int_equal(memo->addresses[1], 0x2000);
	/* What was not read says nothing. */
	copy.registers[REG_RBX] = 6;
	put(16, 1);
	assert_int_equal(memo_span(memo, &copy), 80);
	assert_true(memo_fits(memo, &copy));
}

static void test_another_stack(void **state)
{
	struct memo *memo = walked();

	(void)state;
	put(8, 0x2001);
	assert_false(memo_fits(memo, &copy));
	put(8, 0x2000);
	assert_true(memo_fits(memo, &copy));
	/* The stack does not go as far. */
	copy.size = 79;
	assert_false(memo_fits(memo, &copy));
	copy.registers[REG_RBP]++;
	assert_int_equal(memo_span(memo, &copy), 0);
	copy.registers[REG_RBP]--;
	copy.registers[REG_RIP]++;
	assert_int_equal(memo_span(memo, &copy), 0);
	copy.registers[REG_RIP]--;
	copy.registers[REG_RSP]++;
	assert_int_equal(memo_span(memo, &copy), 0);
	copy.registers[REG_RSP]--;
	assert_int_equal(memo_span(memo, &copy), 80);
	memo_forget();
	assert_int_equal(memo_span(memo, &copy), 0);
}

static void test_what_is_not_kept(void **state)
{
	struct memo *memo = walked();

	(void)state;
	memo_begin(memo, &copy);
	memo_word(memo, 8, 0x2000);
	memo_overflow(memo);
	memo_end(memo);
	assert_int_equal(memo_span(memo, &copy), 0);
	memo_begin(memo, &copy);
	for (unsigned i = 0; i <= MEMO_WORDS; i++)
		memo_word(memo, 8, 0x2000);
	memo_end(memo);
	assert_int_equal(memo_span(memo, &copy), 0);
	/* As deep as there is room. */
	memo_begin(memo, &copy);
	memo_word(memo, 8, 0x2000);
	for (unsigned i = 0; i + 1 < MEMO_FRAMES; i++)
		assert_true(memo_frame(memo, i));
	assert_false(memo_frame(memo, MEMO_FRAMES));
	memo_end(memo);
	assert_int_equal(memo_span(memo, &copy), 16);
	assert_int_equal(memo->count, MEMO_FRAMES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_same_stack),
		cmocka_unit_test(test_another_stack),
		cmocka_unit_test(test_what_is_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
