using System.Text;

namespace Floodgate.Leases.Store;

/// <summary>
/// Which version of a value an entry had: what is said of it (<see cref="EntryMeta"/>) and the token of the fill that wrote it. Two fills of a key never share
/// one, as their leases do not; nor two updates, as the second locks the row after the first has committed.
/// </summary>
/// <param name="key">The key in Redis.</param>
/// <param name="text">The version's text.</param>
internal sealed class EntryVersion(string key, string text)
{
    /// <summary>The key in Redis.</summary>
    public string Key => key;

    /// <summary>The version's text.</summary>
    public string Text => text;

    /// <summary>The key as it is sent.</summary>
    public byte[] KeyBytes { get; } = Encoding.UTF8.GetBytes(key);

    /// <summary>The text as it is sent.</summary>
    public byte[] TextBytes { get; } = Encoding.UTF8.GetBytes(text);

    /// <summary>In which era of the <see cref="ChangeLog"/> it was current; 0 where that was never asked. The log's own, as the next.</summary>
    internal int Era { get; set; }

    /// <summary>The number of the last change when it was.</summary>
    internal long CurrentAt { get; set; }

    /// <summary>Composes it of the fields of an entry.</summary>
    /// <param name="key">The key in Redis.</param>
    /// <param name="meta">The field <c>m</c>.</param>
    /// <param name="token">The field <c>n</c>; null where it is not there: the value is that of an update.</param>
    public static EntryVersion Of(string key, string meta, string? token) => new(key, $"{meta} {token}");
}
