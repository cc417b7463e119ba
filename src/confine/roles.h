/* What each process may do.
 *
 * X(ID, name, user, reads, writes, connects, may_fork, may_exec, groups)
 *   user      as whom it runs when the gateway was started by root; else as who started it
 *   reads, writes, connects   in words; the paths and ports themselves come from whoever starts the role
 *   may_fork, may_exec        processes; threads are a matter of `groups`
 *   groups    of system calls that it may make (syscalls.h); 0: all but those that nobody may make
 * docs/reference/processes.md is made from this list; test_confine and test_privilege.py try what it says. */
X(SUPERVISOR, "sallyport run", "root, few capabilities", "the configuration and what it names",
  "the state folder", "nothing, though nothing keeps it from it", true, true, 0)
X(DAEMON, "sallyportd", "root, few capabilities", "the state folder, /etc", "the state folder",
  "name servers, destinations, its own socket", true, false,
  SPP_GROUP_BASE | SPP_GROUP_WRITE | SPP_GROUP_OWN | SPP_GROUP_CLIENT | SPP_GROUP_SERVER | SPP_GROUP_LOCAL |
      SPP_GROUP_CHILD)
X(MASTER, "nginx: master", "root, few capabilities",
  "its configuration, certificates, the credentials' memory file", "the state folder",
  "nothing, though nothing keeps it from it", true, true, 0)
X(WORKER, "nginx: worker", "processes.user", "the folders of snapshot and stops",
  "the ledger's folder, stops/seen", "the ports of destinations", false, false,
  SPP_GROUP_BASE | SPP_GROUP_WRITE | SPP_GROUP_CLIENT | SPP_GROUP_ACCEPT)
X(COMMAND, "sallyport COMMAND", "who calls it", "what its arguments name", "the state folder",
  "its own sockets", false, false, 0)
#undef X
