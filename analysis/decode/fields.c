/* How events are read; see fields.h. */
#include "decode/fields.h"

#include <errno.h>
#include <glib.h>
#include <inttypes.h>
#include <string.h>

#include "decode/shapes.h"

/* Where the numbers of a field stand until the next event of its class is read. */
struct room {
	uint64_t *numbers;
	size_t size;
};

struct layout {
	const struct shape *shape;
	const struct field *bad; /* a field that the trace does not have as expected */
	bool bad_type;
	struct {
		uint64_t index; /* in the payload */
		const struct field *field;
	} fields[SHAPE_FIELDS];
	unsigned count;
	struct room *rooms; /* one for each field */
};

const char *event_class_name(const bt_event_class *class)
{
	const char *name = bt_event_class_get_name(class);

	return name ? name : "?";
}

static bool is_unsigned(const bt_field_class *class)
{
	return bt_field_class_type_is(
		bt_field_class_get_type(class), BT_FIELD_CLASS_TYPE_UNSIGNED_INTEGER);
}

static bool is_list_of_unsigned(const bt_field_class *class)
{
	return bt_field_class_type_is(bt_field_class_get_type(class), BT_FIELD_CLASS_TYPE_ARRAY) &&
	       is_unsigned(bt_field_class_array_borrow_element_field_class_const(class));
}

/* Whether each value that the trace's field can have fits the member of struct event. */
static bool fits(const struct field *field, const bt_field_class *class)
{
	bt_field_class_type type = bt_field_class_get_type(class);

	switch (field->type) {
	case FIELD_STRING:
		return type == BT_FIELD_CLASS_TYPE_STRING;
	case FIELD_SIGNED:
		return bt_field_class_type_is(type, BT_FIELD_CLASS_TYPE_SIGNED_INTEGER) &&
		       bt_field_class_integer_get_field_value_range(class) <= field->size * 8;
	case FIELD_NUMBERS:
		return is_list_of_unsigned(class);
	case FIELD_UNSIGNED:
	case FIELD_ENUM:
		break;
	}
	return is_unsigned(class) &&
	       (field->type == FIELD_ENUM ||
		       bt_field_class_integer_get_field_value_range(class) <= field->size * 8);
}

static bool find_field(const struct field *field, const bt_field_class *payload, uint64_t *index,
	const bt_field_class **found)
{
	uint64_t count = payload ? bt_field_class_structure_get_member_count(payload) : 0;

	for (*index = 0; *index < count; ++*index) {
		const bt_field_class_structure_member *member =
			bt_field_class_structure_borrow_member_by_index_const(payload, *index);

		if (strcmp(bt_field_class_structure_member_get_name(member), field->name) == 0) {
			*found = bt_field_class_structure_member_borrow_field_class_const(member);
			return true;
		}
	}
	return false;
}

static void resolve(struct layout *layout, const bt_field_class *payload)
{
	for (const struct field *field = layout->shape->fields; field->name; field++) {
		const bt_field_class *class = NULL;
		uint64_t index;

		layout->bad_type = find_field(field, payload, &index, &class);
		if (!layout->bad_type || !fits(field, class)) {
			layout->bad = field;
			return;
		}
		layout->fields[layout->count].index = index;
		layout->fields[layout->count++].field = field;
	}
}

struct layout *layout_new(const bt_event_class *class, enum layout_use *use)
{
	static const char prefix[] = FIELDS_PROVIDER ":";
	const char *name = event_class_name(class);
	const struct shape *shape;
	struct layout *layout;

	*use = LAYOUT_FOREIGN;
	if (!g_str_has_prefix(name, prefix))
		return NULL;
	*use = LAYOUT_UNKNOWN;
	shape = shape_of(name + strlen(prefix));
	if (!shape)
		return NULL;
	*use = LAYOUT_KNOWN;
	layout = g_new0(struct layout, 1);
	layout->shape = shape;
	layout->rooms = g_new0(struct room, SHAPE_FIELDS);
	resolve(layout, bt_event_class_borrow_payload_field_class_const(class));
	return layout;
}

void layout_free(struct layout *layout)
{
	if (!layout)
		return;
	for (unsigned i = 0; i < SHAPE_FIELDS; i++)
		g_free(layout->rooms[i].numbers);
	g_free(layout->rooms);
	g_free(layout);
}

static void advise(struct error *error)
{
	error_next(error, "another version of giltrace recorded it; report with that one, or "
			  "update this one");
}

static int complain_layout(const struct layout *layout, struct error *error)
{
	error_set(error, -EBADMSG,
		layout->bad_type ? "the field '%s' of the event '%s' has an unexpected type"
				 : "there is no field '%s' in the event '%s'",
		layout->bad->name, layout->shape->name);
	advise(error);
	return -EBADMSG;
}

static int complain_value(
	const struct layout *layout, const struct field *field, uint64_t value, struct error *error)
{
	error_set(error, -EBADMSG,
		"the field '%s' of the event '%s' has the unknown value %" PRIu64, field->name,
		layout->shape->name, value);
	advise(error);
	return -EBADMSG;
}

static void store(void *to, size_t size, uint64_t value)
{
	switch (size) {
	case sizeof(uint64_t):
		*(uint64_t *)to = value;
		break;
	case sizeof(uint32_t):
		*(uint32_t *)to = (uint32_t)value;
		break;
	case sizeof(uint16_t):
		*(uint16_t *)to = (uint16_t)value;
		break;
	default:
		*(uint8_t *)to = (uint8_t)value;
		break;
	}
}

/*
 * babeltrace2 2.0 reuses its messages, and an empty string then still shows the
 * text of the event before: only its length is right.
 */
static const char *string_of(const bt_field *field)
{
	return bt_field_string_get_length(field) ? bt_field_string_get_value(field) : "";
}

static struct event_numbers numbers_of(const bt_field *list, struct room *room)
{
	uint64_t count = bt_field_array_get_length(list);

	if (count > room->size) {
		room->size = count;
		room->numbers = g_renew(uint64_t, room->numbers, count);
	}
	for (uint64_t i = 0; i < count; i++)
		room->numbers[i] = bt_field_integer_unsigned_get_value(
			bt_field_array_borrow_element_field_by_index_const(list, i));
	return (struct event_numbers){room->numbers, count};
}

int layout_read(
	const struct layout *layout, const bt_event *from, struct event *event, struct error *error)
{
	const bt_field *payload = bt_event_borrow_payload_field_const(from);

	if (layout->bad)
		return complain_layout(layout, error);
	event->kind = layout->shape->kind;
	event->gil = 0;
	event->at = 0;
	for (unsigned i = 0; i < layout->count; i++) {
		const struct field *field = layout->fields[i].field;
		const bt_field *value = bt_field_structure_borrow_member_field_by_index_const(
			payload, layout->fields[i].index);
		void *to = (char *)event + field->offset;
		uint64_t number;

		switch (field->type) {
		case FIELD_STRING:
			*(const char **)to = string_of(value);
			break;
		case FIELD_NUMBERS:
			*(struct event_numbers *)to = numbers_of(value, &layout->rooms[i]);
			break;
		case FIELD_SIGNED:
			store(to, field->size, (uint64_t)bt_field_integer_signed_get_value(value));
			break;
		case FIELD_UNSIGNED:
			store(to, field->size, bt_field_integer_unsigned_get_value(value));
			break;
		case FIELD_ENUM:
			number = bt_field_integer_unsigned_get_value(value);
			if (number > field->last)
				return complain_value(layout, field, number, error);
			store(to, field->size, number);
			break;
		}
	}
	return 0;
}
