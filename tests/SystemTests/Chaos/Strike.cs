namespace Floodgate.SystemTests.Chaos;

/// <summary>One kill of the schedule.</summary>
/// <param name="After">How long after the strike before, or after the beginning of the load.</param>
/// <param name="Resource">What: the name of a resource.</param>
/// <param name="OneOnly">Whether one of its processes is killed, drawn by chance, or all.</param>
/// <param name="UnderLoad">
/// Whether it waits until writes are acknowledged again after the strike before. The others fall when they fall, also
/// where something else is still down.
/// </param>
internal sealed record Strike(TimeSpan After, string Resource, bool OneOnly, bool UnderLoad)
{
    /// <summary>What is killed.</summary>
    public string What => OneOnly ? $"one {Resource}" : Resource;

    /// <summary>
    /// Draws a schedule: everything that can be killed at least once, the services' processes once more, in any order and
    /// with pauses of any length up to twice the mean. Strikes may fall together.
    /// </summary>
    /// <param name="random">The seeded chance.</param>
    /// <param name="load">How long the load lasts, apart from the strikes that wait.</param>
    public static IReadOnlyList<Strike> Schedule(Random random, TimeSpan load)
    {
        (string Resource, bool OneOnly)[] targets =
            [("flush", false), ("flush", false), ("counter", true), ("counter", true), ("counter", false), ("redis", false), ("rabbitmq", false), ("postgres", false)];
        random.Shuffle(targets);
        var mean = load / (targets.Length + 1);
        return [.. targets.Select(target => new Strike(2 * mean * random.NextDouble(), target.Resource, target.OneOnly, UnderLoad: random.Next(2) == 0))];
    }
}
