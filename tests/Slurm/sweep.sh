#!/usr/bin/env bash
# A sharded sweep on a real Slurm: one slurmctld and two slurmd on this machine. Some tasks are signalled, one is requeued, one node
# is set down, and the merged arrays must equal those of one process byte for byte.
#   tests/Slurm/sweep.sh            ends with 0; 77 where it cannot run, with the reason
# Needs root, and Debian's slurmctld, slurmd, slurm-client and munge. Touches nothing outside a temporary folder but /run/munge.
set -u
cd "$(dirname "$0")/../.."

skip() { echo "SKIPPED: $1"; exit 77; }
[ "$(id -u)" -eq 0 ] || skip "the daemons of Slurm need root"
for tool in slurmctld slurmd sbatch scontrol squeue scancel munged; do
    command -v $tool >/dev/null || skip "$tool is not installed (slurmctld slurmd slurm-client munge)"
done

hesse=$PWD/src/Hesse.Cli/bin/Release/net10.0/hesse
[ -x "$hesse" ] || skip "build first: dotnet build -c Release Engine.sln"
spec=$PWD/tests/Slurm/gauss-10-small.yaml
work=$(mktemp -d)
munge_started=

stop() {
    for name in slurmd.n1 slurmd.n2 slurmctld; do
        [ -f "$work/$name.pid" ] && kill "$(cat "$work/$name.pid")" 2>/dev/null
    done
    [ -n "$munge_started" ] && kill "$(cat /run/munge/munged.pid)" 2>/dev/null
    rm -rf "$work"
}
trap stop EXIT

fail() {
    echo "FAILED: $1"
    squeue -a 2>/dev/null
    scontrol show job 2>/dev/null | grep -E "JobId|JobState|Restarts|Reason"
    tail -n 5 "$work"/out/*/slurm/logs/* "$work"/log/* 2>/dev/null
    exit 1
}

# within SECONDS COMMAND...: repeats a check until it holds.
within() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.5
    done
}

# --- the cluster -------------------------------------------------------------------------------------------------------------------
if ! munge -n >/dev/null 2>&1; then
    mkdir -p /run/munge && chown munge: /run/munge && runuser -u munge -- /usr/sbin/munged || fail "munged"
    munge_started=1
fi
mkdir -p "$work"/{state,log,spool}
host=$(hostname -s)
cat > "$work/slurm.conf" <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=27817
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=cred_expire=5
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool/%n
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.%n.pid
SlurmctldLogFile=$work/log/slurmctld.log
SlurmdLogFile=$work/log/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
KillWait=5
MinJobAge=600
SchedulerParameters=bf_interval=1,sched_interval=1,batch_sched_delay=0
NodeName=n[1-2] NodeHostname=$host NodeAddr=127.0.0.1 Port=[27001-27002] CPUs=2 RealMemory=1000 State=UNKNOWN
PartitionName=main Nodes=n[1-2] Default=YES MaxTime=INFINITE DefMemPerCPU=100 State=UP
CONF
export SLURM_CONF=$work/slurm.conf
slurmctld -c && sleep 1 && slurmd -N n1 && slurmd -N n2 || fail "the daemons"
idle() { [ "$(sinfo -h -t idle -o %D 2>/dev/null)" = 2 ]; }
within 30 idle || fail "two idle nodes"

# --- one process, then the sweep ---------------------------------------------------------------------------------------------------
"$hesse" run "$spec" --out "$work/alone" --quiet || fail "the run of one process"
submitted=$("$hesse" submit "$spec" --scheduler slurm --shards 4 --cpus 1 --memory 200M --time 20m --out "$work/out") \
    || fail "submit"
echo "$submitted"
array=${submitted%%:*}

running() { [ "$(squeue -h -r -t R -j "$array" 2>/dev/null | wc -l)" -ge "$1" ]; }
locked() { [ "$(find "$work/out" -path "*/shards/shard-$1-of-4.json" 2>/dev/null | wc -l)" -ge 1 ]; }
restarts() { scontrol show job "${array}_$1" | grep -oE "Restarts=[0-9]+" | head -1 | cut -d= -f2; }
restarted() { [ "$(restarts "$1")" -ge 1 ]; }
within 60 running 4 || fail "four running tasks"
for task in 0 1 2 3; do within 30 locked $task || fail "task $task at work"; done
node_of() { squeue -h -r -j "${array}_$1" -o %N; }

# The signal before the time limit, an operator's requeue, a lost node: whatever ran there.
scancel --signal=USR1 --batch "${array}_0" || fail "scancel"
scontrol requeue "${array}_1" || fail "requeue"
lost=$(node_of 3)
[ -n "$lost" ] || fail "a task on a node that can be lost"
scontrol update nodename="$lost" state=down reason=test || fail "node down"
for task in 0 1 3; do within 60 restarted $task || fail "task $task was not started again"; done
scontrol update nodename="$lost" state=resume 2>/dev/null || true   # it may have come back by itself

finished() { [ -z "$(squeue -h -j "$array" 2>/dev/null)" ] && [ -z "$(squeue -h -n gauss-10-small-merge 2>/dev/null)" ]; }
within 150 finished || fail "the sweep did not end"
for task in 0 1 2 3; do
    state=$(scontrol show job "${array}_$task" | grep -oE "JobState=[A-Z_]+" | head -1)
    echo "task $task: $state, $(restarts $task) restarts"
    [ "$state" = JobState=COMPLETED ] || fail "task $task"
done

same() {
    for setting in "$work"/alone/gauss-10-small/*/; do
        local name
        name=$(basename "$setting")
        diff -r "$setting/arrays" "$work/out/gauss-10-small/$name/arrays" || return 1
        cmp "$setting/summary.csv" "$work/out/gauss-10-small/$name/summary.csv" || return 1
    done
}
same || fail "the merged arrays are not those of one process"
"$hesse" verify "$work/out" || fail "verify"

# --- only what is missing ----------------------------------------------------------------------------------------------------------
"$hesse" submit "$spec" --scheduler slurm --shards 4 --out "$work/out" --only-missing 2>&1 | grep -q "nothing to submit" \
    || fail "a finished sweep was submitted again"
rm -r "$work/out/gauss-10-small/batch.size-20/chunks/seeds-00000256-00000511"
submitted=$("$hesse" submit "$spec" --scheduler slurm --shards 4 --cpus 1 --memory 200M --time 20m --out "$work/out" --only-missing)
echo "$submitted"
grep -q ": 1 of 4 shards" <<<"$submitted" || fail "one shard is missing"
array=${submitted%%:*}
within 60 finished || fail "the resubmission did not end"
same || fail "the arrays after the resubmission are not those of one process"
"$hesse" verify "$work/out" || fail "verify after the resubmission"
echo "the sharded sweep equals the run of one process"
