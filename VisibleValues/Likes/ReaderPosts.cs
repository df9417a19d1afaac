namespace Floodgate.VisibleValues.Likes;

/// <summary>Posts of which a reader wants to know whether the reader likes them. Two are the same where the reader is: Redis has all of a reader's under one key.</summary>
/// <param name="reader">Who.</param>
/// <param name="posts">The posts, in the order of the page.</param>
internal readonly struct ReaderPosts(long reader, IReadOnlyList<long> posts) : IEquatable<ReaderPosts>
{
    /// <summary>Who.</summary>
    public long Reader => reader;

    /// <summary>The posts.</summary>
    public IReadOnlyList<long> Posts => posts;

    /// <inheritdoc/>
    public bool Equals(ReaderPosts other) => reader == other.Reader;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ReaderPosts other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => reader.GetHashCode();
}
