#!/bin/sh
# A conformance check as a Slurm array, one shard a task, and a job that merges their reports. What follows submit.sh
# goes to `keepprob check`:
#
#     examples/slurm/submit.sh --profile thorough my-dropout.mjs
#     SHARDS=64 examples/slurm/submit.sh --profile thorough -- python3 my_dropout.py
#
# Submit from a folder that all nodes share, and in which `npx keepprob` runs. The reports and the logs go to a folder
# keepprob-SEED in it, the verdict to keepprob-SEED/merge.log and keepprob-SEED.json. Were shard 7 of 16 lost, this would do
# it again, and decide:
#
#     sbatch --array=7 examples/slurm/check.sbatch keepprob-SEED SEED --shard 7/16 --profile thorough my-dropout.mjs
#     sbatch examples/slurm/merge.sbatch keepprob-SEED
set -eu
here=$(dirname "$0")
shards=${SHARDS:-16} # 2 or more

# All shards must have the same seed: it is drawn here, once.
seed=$(shuf -i 0-2147483647 -n 1)
folder=keepprob-$seed
mkdir "$folder"

array=$(sbatch --parsable --array="1-$shards" --output="$folder/%a.log" "$here/check.sbatch" "$folder" "$seed" "$@")
array=${array%%;*} # a cluster's name may follow the id

# afterany, not afterok: a shard that found a violation fails, and a merge must report it. A merge never takes what is
# missing for good.
merge=$(sbatch --parsable --dependency="afterany:$array" --output="$folder/merge.log" "$here/merge.sbatch" "$folder")

echo "$shards shards as job $array, then the merge as job ${merge%%;*}: $folder.json"
