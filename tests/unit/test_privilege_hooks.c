/* Users, groups, namespaces, roots: our thread is away around the real call, and comes
 * back only when it went. The hooks are compiled in here, over a session that counts. */
#include "preload/privilege_hooks.c"

#include <criterion/criterion.h>
#include <unistd.h>

static int withdrawn, rejoined, held;
static bool goes;

bool session_withdraw(void)
{
    withdrawn++;
    return goes;
}

void session_rejoin(void)
{
    rejoined++;
    errno = EIO; /* the session's own keeps it: what is seen is the hook's order */
}

void session_hold_trace(void)
{
    held++;
}

static void check_round(int status, bool away)
{
    static int rounds;
    rounds++;
    cr_assert_eq(status, 0);
    cr_assert_eq(withdrawn, rounds);
    cr_assert_eq(rejoined, away ? rounds : 0);
}

/* Each asks for what is so already. */
static void call_all(bool away)
{
    uid_t user, effective, saved;
    gid_t group, effective_group, saved_group;
    goes = away;
    getresuid(&user, &effective, &saved);
    getresgid(&group, &effective_group, &saved_group);
    check_round(seteuid(effective), away);
    check_round(setreuid(user, effective), away);
    check_round(setresuid(user, effective, saved), away);
    check_round(setuid(user), away);
    check_round(setegid(effective_group), away);
    check_round(setregid(group, effective_group), away);
    check_round(setresgid(group, effective_group, saved_group), away);
    check_round(setgid(group), away);
    check_round(unshare(0), away);
}

Test(privilege_hooks, our_thread_comes_back_when_it_went)
{
    call_all(true);
}

Test(privilege_hooks, it_stays_where_it_could_not_go)
{
    call_all(false);
}

Test(privilege_hooks, what_the_real_call_says_is_what_is_seen)
{
    errno = 0;
    cr_assert_eq(setns(-1, 0), -1);
    cr_assert_eq(errno, EBADF);
    errno = 0;
    cr_assert_eq(unshare(-1), -1);
    cr_assert_eq(errno, EINVAL);
    cr_assert_eq(chroot("/nonexistent"), -1);
    cr_assert(errno == ENOENT || errno == EPERM);
    cr_assert_eq(held, 1, "before it is out of reach");
    cr_assert_eq(withdrawn, 2);
}
