using Floodgate.Leases;
using Floodgate.Sessions;

namespace Floodgate.TimelineService.Posts;

/// <summary>How a write ended.</summary>
internal enum PostOutcome
{
    Done,

    /// <summary>The same request with the same Idempotency-Key came before.</summary>
    Repeated,

    /// <summary>Another request with the same Idempotency-Key came before.</summary>
    OtherRequest,
    NoSuchUser,
    NoSuchPost,
    NotTheAuthor,
}

/// <summary>What a write gave.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Post">The post, where there is one to show.</param>
/// <param name="Position">The primary's position after the commit.</param>
internal readonly record struct PostWrite(PostOutcome Outcome, Post? Post, WalPosition Position)
{
    /// <summary>What the caches are told, where something was written.</summary>
    public CommittedWrite Told { get; init; }
}
