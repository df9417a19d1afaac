using System.Text.Json.Serialization;
using Floodgate.TimelineService.Caches;
using Floodgate.TimelineService.Input;

namespace Floodgate.TimelineService.PullRanges;

/// <summary>Posts of an author that readers merge, as they are not pushed, or not yet.</summary>
/// <param name="Author">The author.</param>
/// <param name="From">The first of them.</param>
/// <param name="Until">The last of them; <see cref="IdInput.End"/> while the range is open.</param>
internal sealed record PullRange(
    [property: JsonPropertyName("a")] long Author, [property: JsonPropertyName("f")] long From, [property: JsonPropertyName("u")] long Until)
{
    public bool Holds(long post) => post >= From && post <= Until;
}

/// <summary>All pull ranges there are.</summary>
/// <param name="Ranges">The ranges, in the order of their authors.</param>
internal sealed record PullRangeSet([property: JsonPropertyName("r")] PullRange[] Ranges)
{
    private readonly Dictionary<long, PullRange[]> _byAuthor =
        Ranges.GroupBy(range => range.Author).ToDictionary(ranges => ranges.Key, ranges => ranges.ToArray());

    /// <summary>The ranges of an author.</summary>
    public IReadOnlyList<PullRange> Of(long author) => _byAuthor.TryGetValue(author, out var ranges) ? ranges : [];

    /// <summary>The authors whose posts below an id a reader must merge.</summary>
    /// <param name="reader">The reader, who sees the own posts too.</param>
    /// <param name="follows">Whom the reader follows.</param>
    /// <param name="before">Only posts below it matter.</param>
    public List<long> AuthorsFor(long reader, FollowList? follows, long before)
    {
        var authors = new List<long>();
        if (_byAuthor.Count <= (follows?.Followees.Count ?? 0))
        {
            foreach (var author in _byAuthor.Keys)
            {
                Take(author, author == reader || follows!.Contains(author));
            }
        }
        else
        {
            Take(reader, isWanted: true);
            foreach (var author in follows?.Followees ?? [])
            {
                Take(author, isWanted: true);
            }
        }

        return authors;

        void Take(long author, bool isWanted)
        {
            if (isWanted && _byAuthor.TryGetValue(author, out var ranges) && Array.Exists(ranges, range => range.From < before))
            {
                authors.Add(author);
            }
        }
    }
}

[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(PullRangeSet))]
internal sealed partial class PullRangeJson : JsonSerializerContext;
