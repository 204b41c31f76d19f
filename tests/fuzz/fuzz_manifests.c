/*
 * Manifests, as both sides read them: the analyzer all of it, a writer what it needs.
 */
#include "analyzer/load/manifest.h"
#include "preload/contract/recording.h"
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    struct recording recording;
    struct manifest manifest;
    char path[128];

    if (fd < 0) {
        snprintf(path, sizeof(path), "%s/%s", fuzz_directory(), RECORDING_MANIFEST);
        fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    }
    fuzz_write(fd, data, size);
    if (recording_open(&recording, fuzz_directory()) == 0) {
        fuzz_touch(recording.rings, strlen(recording.rings));
        if (strcmp(recording.path, fuzz_directory()) != 0)
            abort();
    }
    manifest_read(fuzz_directory(), &manifest);
    return 0;
}
