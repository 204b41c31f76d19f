/*
 * Writing a chunk. Its own file because a trace stays sound by it, whatever becomes of the disk.
 */
#include "preload/contract/drain_chunk.h"

#include "preload/contract/drain_limit.h"
#include "preload/contract/trace_parts.h"

#include <errno.h>
#include <sys/types.h>
#include <unistd.h>

/* What was written of a chunk that will not be whole; where the trace ends is the file's to
 * say, not the ring's. */
static int take_back(int fd, size_t done)
{
    off_t end = lseek(fd, 0, SEEK_END);
    if (end < (off_t)done || ftruncate(fd, end - (off_t)done) != 0)
        return -EIO;
    return lseek(fd, end - (off_t)done, SEEK_SET) < 0 ? -EIO : 0;
}

int drain_chunk_write(struct drain *drain, int fd, bool starts_epoch)
{
    const uint8_t *chunk;
    size_t size, done = 0;
    uint32_t flags = (uint32_t)drain->epoch << TRACE_CHUNK_EPOCH_SHIFT;
    flags |= starts_epoch ? TRACE_CHUNK_EPOCH : 0;
    drain->packer.events = drain->has_exact;
    int status =
        trace_packer_pack(&drain->packer, drain->payload.bytes, drain->payload.size, drain->records,
                          flags, drain->time_first, drain->time_last, &chunk, &size);
    if (status == 0 && !drain_limit_fits(drain, size))
        return DRAIN_LIMIT;
    while (status == 0 && done < size) {
        ssize_t written = write(fd, chunk + done, size - done);
        if (written > 0)
            done += (size_t)written;
        else if (written == 0 || errno != EINTR)
            status = written == 0 ? -EIO : -errno;
    }
    if (status != 0) {
        if (done && take_back(fd, done) != 0)
            status = -EIO; /* the torn chunk stays; readers pass over it */
        return status;
    }
    trace_packer_written(&drain->packer);
    drain->bytes_written += size;
    drain->chunks_written++;
    drain->ring->trace_chunks = drain->packer.sequence;
    drain->ring->trace_records += drain->records;
    __atomic_store_n(&drain->ring->trace_written, trace_place(drain->part, drain->bytes_written),
                     __ATOMIC_RELEASE);
    return 0;
}
