#!/bin/sh
# The Slurm example on a real Slurm, of one node, which is this machine. What the merge of an array's shards says must be
# what the uncut run says; and shards that fail or are lost must be told from shards that merely decide nothing. Needs a
# built checkout. Slurm and MUNGE are installed where they are missing; where that fails, so does this.
set -eu
cd "$(dirname "$0")/.."
root=$PWD
PATH=$PATH:/usr/sbin:/sbin # where the daemons are, for users other than root too

fail() {
  echo "slurm.sh: $*" >&2
  exit 1
}

# --- Slurm ---

has_slurm() {
  for program in munged slurmctld slurmd sbatch; do command -v "$program" >/dev/null || return 1; done
}
as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi; }

if ! has_slurm; then
  command -v apt-get >/dev/null || fail 'needs munged, slurmctld, slurmd and sbatch, and there is no apt-get to install them'
  as_root apt-get update -qq || fail 'the list of packages could not be updated, so Slurm cannot be installed'
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends \
    munge slurm-client slurmctld slurmd >/dev/null || fail 'Slurm could not be installed'
  has_slurm || fail 'Slurm was installed, but its programs are not there'
fi

# --- A cluster in a folder of its own, that ends with this script ---

dir=$(mktemp -d)
chmod 711 "$dir" # munged wants its socket to be reachable
daemons=

await() { # await COMMAND…: until it succeeds; not for longer than two minutes, or than the daemons live
  for _ in $(seq 600); do
    if "$@"; then return; fi
    for pid in $daemons; do kill -0 "$pid" 2>/dev/null || return 1; done
    sleep 0.2
  done
  return 1
}
no_jobs() { jobs=$(squeue --noheader) && [ -z "$jobs" ]; }

stop() {
  status=$?
  trap - EXIT
  if [ "$status" -ne 0 ]; then tail -n 5 "$dir"/*.log "$dir"/work/*.log "$dir"/work/*/*.log 2>/dev/null || :; fi
  # Jobs outlive the daemons, so they go first.
  if scontrol ping >/dev/null 2>&1; then
    scancel --user="$(id -un)" || :
    await no_jobs || echo 'slurm.sh: a job did not end' >&2
  fi
  for pid in $daemons; do kill "$pid" 2>/dev/null || :; done
  wait
  rm -rf "$dir"
  exit "$status"
}
trap stop EXIT
trap 'exit 1' HUP INT TERM

daemon() { # daemon COMMAND…: one that stays in the foreground, beside this script
  "$@" >>"$dir/$1.log" 2>&1 &
  daemons="$! $daemons"
}

free_ports() { # two of them
  node -e '
    const { createServer } = require("node:net");
    const servers = [1, 2].map(() => createServer().listen(0, "127.0.0.1"));
    servers.forEach((server) => server.on("listening", () => console.log(server.address().port) ?? server.close()));
  '
}

mkdir "$dir/state" "$dir/spool" "$dir/work"
head -c 1024 /dev/urandom >"$dir/munge.key"
chmod 600 "$dir/munge.key"
host=$(hostname -s)
user=$(id -un)
# shellcheck disable=SC2046 # Two words, two ports.
set -- $(free_ports)
cat >"$dir/slurm.conf" <<EOF
ClusterName=keepprob
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$1
SlurmdPort=$2
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
AuthInfo=socket=$dir/munge.socket
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
SchedulerParameters=batch_sched_delay=0
$(slurmd -C | head -n 1) NodeAddr=127.0.0.1 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES State=UP
EOF
export SLURM_CONF="$dir/slurm.conf"

# A container may have no cgroups that it can write to. From 23.11 on, Slurm can be told to do without; before, its plugin
# for cgroups 1 asks for nothing until something is to be confined.
version=$(slurmd -V | grep -o '[0-9][0-9.]*')
if printf '23.11\n%s\n' "$version" | sort -C -V; then plugin=disabled; else plugin=cgroup/v1; fi
echo "CgroupPlugin=$plugin" >"$dir/cgroup.conf"

daemon munged --foreground --key-file="$dir/munge.key" --socket="$dir/munge.socket" --pid-file="$dir/munge.pid" \
  --seed-file="$dir/munge.seed" --log-file="$dir/munge.log"
socket_is_there() { [ -S "$dir/munge.socket" ]; }
await socket_is_there || fail 'munged did not start'
daemon slurmctld -D
daemon slurmd -D
node_is_idle() { [ "$(sinfo --noheader --format=%T 2>/dev/null)" = idle ]; }
await node_is_idle || fail 'the node did not come up'

# --- The example, in a folder where npx finds keepprob ---

mkdir -p "$dir/work/node_modules/.bin"
ln -s "$root/bin/keepprob.js" "$dir/work/node_modules/.bin/keepprob"
cd "$dir/work"
example=$root/examples/slurm

submit() { # submit ARGUMENT…: the example, to the end of its jobs. Sets $folder, and $shards and $merge, how they ended
  said=$("$example/submit.sh" "$@") || fail 'the jobs were not submitted'
  echo "$said"
  folder=$(expr "$said" : '.* \(.*\)\.json$')
  shards=$(ends_of "$(expr "$said" : '.*shards as job \([0-9]*\)')")
  merge=$(ends_of "$(expr "$said" : '.*merge as job \([0-9]*\)')")
}
ends_of() { # ends_of JOB: the exit codes of its tasks, each with how often it came, once no job is left
  await no_jobs || fail 'the jobs did not end'
  scontrol --oneliner show job "$1" | grep -o ' ExitCode=[0-9]*' | cut -d = -f 2 | sort | uniq -c |
    awk '{ printf "%s%s × %s", comma, $1, $2; comma = ", " }'
}
expect() { # expect WHAT GOT WANTED
  [ "$2" = "$3" ] || fail "$1: $2, but must be $3"
  echo "ok: $1: $2"
}

module=$root/.ci/reproducible.mjs
submit --profile quick "$module"
expect 'exit codes of 16 correct shards' "$shards" '16 × 0'
expect 'exit code of their merge' "$merge" '1 × 0'

seed=${folder#keepprob-}
npx keepprob check --seed "$seed" --profile quick --report json=whole.json "$module" >whole.log
node "$root/.ci/expect-merged.mjs" 16 whole.json "$folder.json"

# shellcheck disable=SC2046 # Reports have no spaces in their names.
npx keepprob merge $(ls -r "$folder"/*.json) --report json=reversed.json >/dev/null
npx keepprob merge "$folder.json" "$folder"/*.json --report json=twice.json >/dev/null
cmp reversed.json "$folder.json"
cmp twice.json "$folder.json"
echo 'ok: merged in reverse order, and twice, the reports give the same file'

rm "$folder/7.json"
job=$(sbatch --parsable --output=lost.log "$example/merge.sbatch" "$folder")
expect 'exit code of a merge without shard 7' "$(ends_of "$job")" '1 × 3'
grep -q 'shard 7 of 16 is missing' lost.log || fail 'the merge does not say which shard is missing'
job=$(sbatch --parsable --array=7 --output=again.log "$example/check.sbatch" "$folder" "$seed" --shard 7/16 --profile quick "$module")
expect 'exit code of shard 7 done again' "$(ends_of "$job")" '1 × 0'
job=$(sbatch --parsable --output=found.log "$example/merge.sbatch" "$folder")
expect 'exit code of the merge with it' "$(ends_of "$job")" '1 × 0'
node "$root/.ci/expect-merged.mjs" 16 whole.json "$folder.json"

SHARDS=2 submit --profile quick --only 'dropout/kept-*' "$root/bin/testing/unscaled.mjs"
expect 'exit codes of shards of which one finds a violation' "$shards" '1 × 0, 1 × 1'
expect 'exit code of their merge' "$merge" '1 × 1'

SHARDS=2 submit --profile quick -- sh -c 'exit 7'
expect 'exit codes of shards whose adapter does not start' "$shards" '2 × 4'
expect 'exit code of their merge' "$merge" '1 × 4'
