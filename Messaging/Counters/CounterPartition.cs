namespace Floodgate.Messaging.Counters;

/// <summary>Which partition a write goes to: the same in every process and every version, as order depends on it.</summary>
public static class CounterPartition
{
    /// <summary>The partition of a plain counter: FNV-1a over name and key (RFC 9923), then mixed.</summary>
    /// <param name="counter">The counter.</param>
    /// <param name="partitions">How many there are.</param>
    public static int Of(in CounterId counter, int partitions)
    {
        var hash = 0xcbf29ce484222325UL;
        hash = Add(hash, counter.Name);
        hash = Add(hash, "/");
        hash = Add(hash, counter.Key);
        return (int)(SplitMix.Mix(hash) % (uint)partitions);
    }

    /// <summary>The partition of a reaction: by the pair, so that a pair stays ordered and a viral post is spread.</summary>
    /// <param name="user">Who reacts.</param>
    /// <param name="post">To what.</param>
    /// <param name="partitions">How many there are.</param>
    public static int Of(long user, long post, int partitions) =>
        (int)(SplitMix.Mix(SplitMix.Mix((ulong)user) + (ulong)post) % (uint)partitions);

    private static ulong Add(ulong hash, string text)
    {
        foreach (var c in text)
        {
            hash = (hash ^ c) * 0x100000001b3UL;
        }

        return hash;
    }
}
