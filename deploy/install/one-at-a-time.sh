# Sourced, with $prefix and $work set. One build in $prefix at a time: a second waits for the first and then finds its
# work done. The lock is a link to its owner's process id, made in one step, so that a killed owner never leaves a lock
# without a name. Lock and $work go at the end.
lock=$prefix/lock
until ln -s "$$" "$lock" 2>/dev/null; do
  owner=$(readlink "$lock" || echo none)
  if [ "$owner" != none ] && ! kill -0 "$owner" 2>/dev/null; then rm -f "$lock"; fi
  sleep 1
done
trap 'rm -rf "$lock" "$work"' EXIT
trap 'exit 1' INT TERM
