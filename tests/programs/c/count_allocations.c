/* Preloaded into a program: counts what each thread allocates, by any library of the process. */
#include <errno.h>
#include <stddef.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static __thread unsigned long allocations;

void *malloc(size_t bytes) { allocations++; return __libc_malloc(bytes); }
void *calloc(size_t count, size_t bytes) { allocations++; return __libc_calloc(count, bytes); }
void *realloc(void *old, size_t bytes) { allocations++; return __libc_realloc(old, bytes); }
void *aligned_alloc(size_t align, size_t bytes) { allocations++; return __libc_memalign(align, bytes); }

int posix_memalign(void **place, size_t align, size_t bytes) {
    allocations++;
    *place = __libc_memalign(align, bytes);
    return *place ? 0 : ENOMEM;
}

/* How often the calling thread has allocated. */
unsigned long rigel_test_allocations(void) { return allocations; }
