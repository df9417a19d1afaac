namespace Floodgate.Bench.Replay;

/// <summary>What a user did to another.</summary>
internal enum ActivityKind : byte
{
    /// <summary>Passed on the other's post (<c>RT</c>).</summary>
    Retweet,

    /// <summary>Mentioned the other (<c>MT</c>).</summary>
    Mention,

    /// <summary>Replied to the other (<c>RE</c>).</summary>
    Reply,
}

/// <summary>A line of an activity file.</summary>
/// <param name="User">Who did it, as an index into the graph's users.</param>
/// <param name="Other">To whom.</param>
/// <param name="Time">When, in Unix seconds.</param>
/// <param name="Kind">What.</param>
internal readonly record struct Activity(int User, int Other, long Time, ActivityKind Kind);
