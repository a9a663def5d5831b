/* The lines of a process: what its site numbers stand for. */
#include <string.h>

#include "model/state.h"

static bool is_same(const struct model_site *site, const struct event *event)
{
	return site->line == event->site.line && !strcmp(site->function, event->site.function) &&
	       !strcmp(site->file, event->site.file);
}

bool site_feed(struct process *process, const struct event *event)
{
	struct model_site *site = map_get(&process->sites, event->site.site);

	if (event->site.site == SITE_UNKNOWN || event->site.site == MODEL_SITE_REST)
		return false;
	if (site && site->ambiguous)
		return true;
	if (site) {
		/* One number for two lines: nobody knows which was meant. */
		site->ambiguous = !is_same(site, event);
		return !site->ambiguous;
	}
	if (!process->texts)
		process->texts = g_string_chunk_new(4096);
	site = g_new0(struct model_site, 1);
	site->line = MAX(event->site.line, 0);
	site->first_line = MAX(event->site.first_line, 0);
	site->function = g_string_chunk_insert_const(process->texts, event->site.function);
	site->file = g_string_chunk_insert_const(process->texts, event->site.file);
	map_set(&process->sites, event->site.site, site);
	return true;
}

const struct model_site *model_site(const struct model_process *facts, uint32_t id)
{
	const struct process *process = (const struct process *)facts;
	const struct model_site *site = map_get(&process->sites, id);

	return site && !site->ambiguous ? site : NULL;
}

void site_free_all(struct process *process)
{
	for (uint32_t i = 0; process->sites.entries && i <= process->sites.mask; i++)
		g_free(process->sites.entries[i].value);
	map_release(&process->sites);
	if (process->texts)
		g_string_chunk_free(process->texts);
	process->texts = NULL;
}
