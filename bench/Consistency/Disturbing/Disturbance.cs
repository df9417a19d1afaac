namespace Floodgate.Bench.Consistency.Disturbing;

/// <summary>What is done to the nodes.</summary>
internal enum DisturbanceKind
{
    /// <summary>The replay of one replica is paused.</summary>
    PauseOne,

    /// <summary>The replay of all replicas is paused.</summary>
    PauseAll,

    /// <summary>One replica replays each commit late.</summary>
    Slow,

    /// <summary>A replica is killed with SIGKILL.</summary>
    KillReplica,

    /// <summary>The primary is killed with SIGKILL.</summary>
    KillPrimary,
}

/// <summary>One entry of the schedule.</summary>
/// <param name="After">The quiet time before it.</param>
/// <param name="Kind">What.</param>
/// <param name="Replica">Which replica, by its index, where it is one.</param>
/// <param name="Hold">How long before it is undone; nothing to undo after a kill.</param>
internal sealed record Disturbance(TimeSpan After, DisturbanceKind Kind, int Replica, TimeSpan Hold)
{
    // In a minute.
    private static readonly (DisturbanceKind Kind, int Times)[] Often =
    [
        (DisturbanceKind.PauseOne, 4), (DisturbanceKind.PauseAll, 2), (DisturbanceKind.Slow, 3), (DisturbanceKind.KillReplica, 3), (DisturbanceKind.KillPrimary, 2),
    ];

    /// <summary>Draws a schedule in which each kind comes several times a minute, in any order and with pauses of any length.</summary>
    /// <param name="random">The seeded chance.</param>
    /// <param name="length">How long it takes, some seconds more or less.</param>
    /// <param name="replicas">How many replicas there are.</param>
    public static IReadOnlyList<Disturbance> Schedule(Random random, TimeSpan length, int replicas)
    {
        var kinds = Often.SelectMany(often => Enumerable.Repeat(often.Kind, Math.Max(1, (int)Math.Round(often.Times * length.TotalMinutes)))).ToArray();
        random.Shuffle(kinds);

        // A part of each slot is quiet, so that replicas get level again.
        var slot = length / kinds.Length;
        return [.. kinds.Select(kind => new Disturbance(slot * (0.6 * random.NextDouble()), kind, random.Next(replicas), slot * (0.4 + (0.6 * random.NextDouble()))))];
    }
}
