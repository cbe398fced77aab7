# compress.sh TOOL THREADS FILE: there and back, by file and by pipe.
set -e
tool=$1 threads=$2
cp "$3" data
case $tool in
xz) args="-1 -T$threads" ;;
zstd) args="-q -3 -T$threads" ;;
esac
$tool $args -k data
sum=$(sha256sum < data.*)
echo "compressed: $(wc -c < data.*) $sum"
$tool -dc data.* | cmp - data
$tool -d -T"$threads" -c data.* > back
cmp back data
echo "came back: $(sha256sum < back)"
