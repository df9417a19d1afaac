namespace Floodgate.SystemTests.Chaos;

/// <summary>One kill of the schedule.</summary>
/// <param name="At">When, from the beginning of the load.</param>
/// <param name="Resource">What: the name of a resource.</param>
/// <param name="OneOnly">Whether one of its processes is killed, drawn by chance, or all.</param>
/// <param name="UnderLoad">
/// Whether it waits until writes are acknowledged again after the strike before. The others fall when they fall, also
/// where something else is still down.
/// </param>
internal sealed record Strike(TimeSpan At, string Resource, bool OneOnly, bool UnderLoad)
{
    private static readonly TimeSpan FirstAfter = TimeSpan.FromSeconds(2);

    /// <summary>What is killed.</summary>
    public string What => OneOnly ? $"one {Resource}" : Resource;

    /// <summary>
    /// Draws a schedule: everything that can be killed at least once, the services' processes once more, in any order,
    /// at any moment of the slot of time that each has. Strikes may fall together.
    /// </summary>
    /// <param name="random">The seeded chance.</param>
    /// <param name="load">How long the load lasts.</param>
    public static IReadOnlyList<Strike> Schedule(Random random, TimeSpan load)
    {
        (string Resource, bool OneOnly)[] targets =
            [("flush", false), ("flush", false), ("counter", true), ("counter", true), ("counter", false), ("redis", false), ("rabbitmq", false), ("postgres", false)];
        random.Shuffle(targets);
        var slot = (load - (2 * FirstAfter)) / targets.Length;
        return [.. targets.Select((target, i) => new Strike(FirstAfter + (slot * (i + random.NextDouble())), target.Resource, target.OneOnly, UnderLoad: random.Next(2) == 0))];
    }
}
