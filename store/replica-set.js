// Run once by docker-compose's mongo-init (mongosh): starts the replica set, then one least-privilege user per owner of a database.
const hosts = ['mongo1:27017', 'mongo2:27017', 'mongo3:27017'];
// In mongo1's network: before there is a user, only the server's own loopback may do anything.
const direct = connect('mongodb://127.0.0.1:27017/admin?directConnection=true');
try {
  direct.adminCommand({
    replSetInitiate: { _id: 'mydata', members: hosts.map((host, _id) => ({ _id, host, priority: _id === 0 ? 2 : 1 })) },
  });
} catch (error) {
  if (error.codeName !== 'AlreadyInitialized' && error.codeName !== 'Unauthorized') throw error;
}
// At a later start another member may be primary; then the users are there already.
while (!direct.hello().primary) sleep(500);
const environment = process.env;
try {
  direct.createUser({ user: 'root', pwd: environment.ROOT_DB_PASSWORD, roles: ['root'] });
} catch (error) {
  if (error.codeName !== 'DuplicateKey' && error.codeName !== 'Unauthorized' && error.code !== 51003) throw error;
}
const admin = connect(`mongodb://root:${encodeURIComponent(environment.ROOT_DB_PASSWORD)}@${hosts.join(',')}/admin?replicaSet=mydata`);
const owners = {
  hub: ['hub', 'audit'],
  moi: ['agency_moi'],
  mohw: ['agency_mohw'],
  mol: ['agency_mol'],
  mof: ['agency_mof'],
  moe: ['agency_moe'],
};
for (const [user, databases] of Object.entries(owners)) {
  const roles = databases.map((db) => ({ role: 'readWrite', db }));
  const pwd = environment[`${user.toUpperCase()}_DB_PASSWORD`];
  if (admin.getUser(user)) admin.updateUser(user, { pwd, roles });
  else admin.createUser({ user, pwd, roles });
  print(`user ${user}: readWrite on ${databases.join(', ')}`);
}
