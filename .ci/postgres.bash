# A Postgres 15 of Debian's for one step of .ci/run: loopback, scram, data in a folder of its own.

postgres_programs=/usr/lib/postgresql/15/bin

# start_postgres FOLDER: prints the URL of its superuser.
start_postgres() {
  local folder=$1 port password
  password=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
  port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
  mkdir -p "$folder"
  printf '%s' "$password" >"$folder/password"
  chown -R postgres: "$folder"
  {
    runuser -u postgres -- "$postgres_programs/initdb" -D "$folder/data" -U postgres -A scram-sha-256 \
      --pwfile="$folder/password" -E UTF8 --locale=C.UTF-8
    runuser -u postgres -- "$postgres_programs/pg_ctl" -D "$folder/data" -w -l "$folder/log" start -o "-p $port \
      -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder -c fsync=off -c full_page_writes=off -c max_connections=300"
  } >&2
  echo "postgres://postgres:$password@127.0.0.1:$port/postgres"
}

# stop_postgres FOLDER: nothing to do when it does not run.
stop_postgres() {
  [[ -f $1/data/postmaster.pid ]] || return 0
  runuser -u postgres -- "$postgres_programs/pg_ctl" -D "$1/data" -w -m fast stop >&2
}
