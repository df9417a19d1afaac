namespace Floodgate.Bench.CacheNode.Load;

/// <summary>
/// Ids 1 to n in an order in which the k-th is drawn with a probability proportional to 1/k (Zipf's law, exponent 1). Drawn beforehand, so that drawing
/// takes no time from the reads, and gone through again and again.
/// </summary>
internal sealed class ZipfOrder
{
    // As many as no reader goes through in an instant, and more than there are keys by default.
    private const int Drawn = 1 << 16;

    private readonly int[] _order = new int[Drawn];
    private int _next;

    public ZipfOrder(int n, Random random)
    {
        var cumulative = new double[n];
        var sum = 0.0;
        for (var k = 0; k < n; k++) cumulative[k] = sum += 1.0 / (k + 1);
        for (var i = 0; i < Drawn; i++)
        {
            var at = Array.BinarySearch(cumulative, random.NextDouble() * sum);
            _order[i] = Math.Min(n, (at < 0 ? ~at : at) + 1);
        }
    }

    /// <summary>The next one.</summary>
    public long Next() => _order[_next++ & (Drawn - 1)];
}
