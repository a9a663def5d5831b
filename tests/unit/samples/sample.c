/* A library whose addresses test_symbols looks up; the line numbers are part of the test. */
int sample_known(int x);
int sample_plus(int x) __asm__("_ZN3foo6decodeEi");
int sample_rust(int x) __asm__("_ZN5gears4mesh17h0123456789abcdefE");
int sample_sizeless(int x);

int sample_known(int x)
{
	return x + 1;
}

__attribute__((noinline)) static int sample_static(int x)
{
	return x * 3;
}

int sample_plus(int x)
{
	return sample_static(x) + 5;
}

int sample_rust(int x)
{
	return x ^ 0x55;
}

/* Where it ends nobody knows. */
__asm__(".text\n.globl sample_sizeless\n.type sample_sizeless, %function\nsample_sizeless:\n"
	".skip 64\n");

extern const void *const sample_addresses[];
const void *const sample_addresses[] = {
	(const void *)sample_known,
	(const void *)sample_static,
	(const void *)sample_plus,
	(const void *)sample_rust,
	(const void *)sample_sizeless,
};
