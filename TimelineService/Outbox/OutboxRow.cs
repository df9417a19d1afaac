namespace Floodgate.TimelineService.Outbox;

/// <summary>What a row of the outbox asks for.</summary>
internal enum OutboxKind
{
    /// <summary>A post is to be fanned out.</summary>
    Post,

    /// <summary>The user's timeline was built with other follows, and is to be forgotten.</summary>
    Follow,

    /// <summary>A post was changed or deleted.</summary>
    Edit,

    /// <summary>A user was changed.</summary>
    User,

    /// <summary>Pull ranges were changed.</summary>
    Pull,

    /// <summary>The posts of a closed pull range are to be pushed.</summary>
    Backfill,
}

/// <summary>A row of the outbox.</summary>
/// <param name="Id">Its key.</param>
/// <param name="Kind">What it asks for.</param>
/// <param name="User">The author of the post or of the range, who followed, or who was changed.</param>
/// <param name="Post">The post, where it is one.</param>
/// <param name="Other">Who was followed, or is not any more; of a backfill the range.</param>
/// <param name="TraceParent">The trace of the request that wrote it.</param>
/// <param name="Age">How long ago it was written.</param>
internal readonly record struct OutboxRow(long Id, OutboxKind Kind, long User, long? Post, long? Other, string? TraceParent, TimeSpan Age)
{
    public static OutboxKind KindOf(string kind) => kind switch
    {
        "post" => OutboxKind.Post,
        "follow" => OutboxKind.Follow,
        "edit" => OutboxKind.Edit,
        "pull" => OutboxKind.Pull,
        "backfill" => OutboxKind.Backfill,
        _ => OutboxKind.User,
    };
}
