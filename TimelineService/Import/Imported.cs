namespace Floodgate.TimelineService.Import;

/// <summary>The answer of an import.</summary>
/// <param name="Count">How many rows are new; <c>imported</c> in JSON.</param>
/// <param name="Skipped">How many lines changed nothing: already there, said twice, or a user following itself.</param>
internal sealed record Imported([property: System.Text.Json.Serialization.JsonPropertyName("imported")] long Count, long Skipped);
