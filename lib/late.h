/* late.h - outside libraries that few runs need, loaded by the runs that do
 *
 * libcurl (with TLS, Kerberos, LDAP, ...) and OpenBLAS take 10 ms to load; most runs ask no server and no language model.
 * Such a library is not linked. Its one wrapper names the functions that it calls in a list, makes a table of pointers
 * of it, and fills the table before its first call:
 *
 *	#define CURL_FUNCTIONS(X) X(curl, easy_init) X(curl, easy_cleanup)
 *	static struct { CURL_FUNCTIONS(LATE_POINTER) } curl;
 *
 *	static const char *const names[] = { CURL_FUNCTIONS(LATE_NAME) NULL };
 *	late_load("libcurl.so.4", names, &curl);
 *	curl.easy_init();
 */
#ifndef PREF_LATE_H
#define PREF_LATE_H

#define LATE_POINTER(library, function) __typeof__(library##_##function) *function;
#define LATE_NAME(library, function) #library "_" #function,

/* Load `file` (its name as in the system's folders of libraries) and put the addresses of the named functions (the last
 * name is NULL) into the table, in their order. Calls exit(EXIT_SYSTEM), with a line that says what is missing, if that
 * cannot be done. The library stays loaded. One thread fills a table, before others look at it. */
void late_load(const char *file, const char *const names[], void *table);

#endif
