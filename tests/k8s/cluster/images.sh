# Sourced: brings the tars of $IMAGES into the cluster's containerd, each once as long as it does not change.
mkdir -p "$D/img"
for t in $IMAGES; do
  m="$D/img/$(basename "$t").$(stat -c %Y-%s "$t")"; [ -f "$m" ] || { $CTR images import "$t" >/dev/null && touch "$m"; }
done
