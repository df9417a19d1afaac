namespace Floodgate.Bench.CacheNode.Messages;

/// <summary>The kinds of calls whose way to Redis is counted.</summary>
internal static class CallName
{
    /// <summary>A PING: one round trip, to compare the others with.</summary>
    public const string Ping = "ping";

    /// <summary>A read of a value that Redis has.</summary>
    public const string Hit = "hit";

    /// <summary>A read of a value that nobody has.</summary>
    public const string Miss = "miss";

    /// <summary>A read of 20 values that Redis has.</summary>
    public const string Bulk = "bulk";

    /// <summary>A read of 20 values that nobody has.</summary>
    public const string BulkMiss = "bulk-miss";

    /// <summary>A read of a hot key, which the process keeps.</summary>
    public const string InProcess = "in-process";

    /// <summary>All.</summary>
    public static IReadOnlyList<string> All { get; } = [Ping, Hit, Miss, Bulk, BulkMiss, InProcess];
}

/// <summary><c>POST /trips</c>: calls of one kind, one after the other. <c>POST /trips/prepare</c> with the same makes what they need.</summary>
/// <param name="Call">One of <see cref="CallName"/>.</param>
/// <param name="Calls">How many.</param>
/// <param name="First">The first item; the next ones follow it.</param>
internal sealed record TripsRequest(string Call, int Calls, long First);

/// <summary>What they took.</summary>
/// <param name="Commands">How many commands this process sent to Redis meanwhile.</param>
/// <param name="MedianMilliseconds">How long half of the calls took at most.</param>
internal sealed record TripsAnswer(long Commands, double MedianMilliseconds);
