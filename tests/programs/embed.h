/* How a program that embeds Python gets at it: linked, or opened while it runs. */
#ifndef GILTRACE_TESTS_EMBED_H
#define GILTRACE_TESTS_EMBED_H

/* What embed.c uses of Python's C API. */
struct python {
	void (*initialize)(int signals);
	int (*finalize)(void);
	int (*run)(const char *code);
	int (*ensure)(void); /* an enum in fact */
	void (*release)(int);
	void *(*save)(void);
	void (*restore)(void *);
};

/* Fills the table. `library` names a libpython; what links one ignores it. */
void python_open(struct python *python, const char *library);

/* Lets go of it. False when it cannot be unloaded. */
int python_close(struct python *python);

#endif /* GILTRACE_TESTS_EMBED_H */
