namespace Floodgate.Bench.Consistency.Histories;

/// <summary>A register: a post, whose text holds the version.</summary>
/// <param name="index">Its index in the <see cref="History"/>.</param>
/// <param name="author">The session that alone writes it.</param>
internal sealed class Register(int index, int author)
{
    private long _post;

    /// <summary>Its index in the <see cref="History"/>.</summary>
    public int Index => index;

    /// <summary>The session that alone writes it.</summary>
    public int Author => author;

    /// <summary>The post's id; 0 until an answer has told it.</summary>
    public long Post
    {
        get => Volatile.Read(ref _post);
        set => Volatile.Write(ref _post, value);
    }
}
