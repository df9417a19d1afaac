using System.Text.Json.Serialization;

namespace Floodgate.Posts;

/// <summary>A post as the database has it.</summary>
/// <param name="Id">Below 2^53, ordered by creation time.</param>
/// <param name="Author">Who wrote it.</param>
/// <param name="Text">Its text; empty where it is deleted.</param>
/// <param name="CreatedAt">In UTC.</param>
/// <param name="EditedAt">In UTC; null where it never was edited.</param>
/// <param name="Deleted">Whether it was deleted: unlike a post that a lagging node does not have yet, it never comes back.</param>
public sealed record StoredPost(
    [property: JsonPropertyName("i")] long Id,
    [property: JsonPropertyName("a")] long Author,
    [property: JsonPropertyName("t")] string Text,
    [property: JsonPropertyName("c")] DateTime CreatedAt,
    [property: JsonPropertyName("e"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTime? EditedAt,
    [property: JsonPropertyName("d"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Deleted);

[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(StoredPost))]
internal sealed partial class StoredPostJson : JsonSerializerContext;
