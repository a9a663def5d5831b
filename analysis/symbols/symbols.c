/* What an address in a program or library is called; see symbols.h. */
#include "symbols/symbols.h"

#include <glib.h>

#include "symbols/functions.h"
#include "symbols/line_at.h"

/* Of which files are open at a time, two each; a trace can name any number. */
enum { MODULES_OPEN = 64 };

struct module {
	struct elf_file main, debug;
	GArray *functions;
	struct line_source *lines; /* NULL when there is none */
	GHashTable *answers;	   /* address -> struct symbol */
};

struct symbols {
	char *debug_folder;
	GHashTable *modules; /* build id, size and path -> struct module */
};

static void free_symbol(gpointer data)
{
	struct symbol *symbol = data;

	g_free(symbol->function);
	g_free(symbol->file);
	g_free(symbol);
}

static void free_module(gpointer data)
{
	struct module *module = data;

	g_hash_table_destroy(module->answers);
	g_array_free(module->functions, TRUE);
	line_source_close(module->lines);
	elf_file_close(&module->debug);
	elf_file_close(&module->main);
	g_free(module);
}

static struct module *open_module(
	const struct symbols *symbols, const struct module_identity *identity)
{
	struct module *module = g_new0(struct module, 1);

	module->answers = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, free_symbol);
	module->functions = g_array_new(FALSE, FALSE, sizeof(struct function));
	module->main = elf_file_open(identity);
	module->debug = elf_file_open_debug(identity, &module->main, symbols->debug_folder);
	functions_read(module->functions, module->main.elf);
	functions_read(module->functions, module->debug.elf);
	module->lines = line_source_open(module->main.elf);
	if (!module->lines)
		module->lines = line_source_open(module->debug.elf);
	return module;
}

static struct symbol *look_up(const struct module *module, uint64_t address)
{
	const struct function *function = functions_at(module->functions, address);
	struct symbol *symbol = g_new0(struct symbol, 1);
	const char *file;
	int line;

	if (function) {
		symbol->function = function_source_name(function->name);
		symbol->offset = address - function->begin;
	}
	if (line_at(module->lines, address, &file, &line)) {
		symbol->file = g_strdup(file);
		symbol->line = line;
	}
	return symbol;
}

struct symbols *symbols_new(const char *debug_folder)
{
	struct symbols *symbols = g_new0(struct symbols, 1);

	elf_version(EV_CURRENT);
	symbols->debug_folder = g_strdup(debug_folder ? debug_folder : "/usr/lib/debug");
	symbols->modules = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_module);
	return symbols;
}

void symbols_free(struct symbols *symbols)
{
	g_hash_table_destroy(symbols->modules);
	g_free(symbols->debug_folder);
	g_free(symbols);
}

static struct module *module_of(struct symbols *symbols, const struct module_identity *identity)
{
	g_autofree char *key = g_strdup_printf(
		"%s:%" G_GUINT64_FORMAT ":%s", identity->build_id, identity->size, identity->path);
	struct module *module = g_hash_table_lookup(symbols->modules, key);

	if (module)
		return module;
	if (g_hash_table_size(symbols->modules) >= MODULES_OPEN)
		g_hash_table_remove_all(symbols->modules);
	module = open_module(symbols, identity);
	g_hash_table_insert(symbols->modules, g_steal_pointer(&key), module);
	return module;
}

const struct symbol *symbols_find(
	struct symbols *symbols, const struct module_identity *module, uint64_t address)
{
	struct module *found = module_of(symbols, module);
	const struct symbol *symbol = g_hash_table_lookup(found->answers, &address);
	struct symbol *new;

	if (symbol)
		return symbol;
	new = look_up(found, address);
	g_hash_table_insert(found->answers, g_memdup2(&address, sizeof(address)), new);
	return new;
}
