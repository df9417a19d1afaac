using System.Text.Json.Serialization;

namespace Floodgate.Bench.Gateway;

// The JSON of the public interface and of the development calls, as far as the bench reads it.
internal sealed record TokenRequest(long User);

internal sealed record TokenAnswer(string Token);

internal sealed record PostRequest(string Text);

/// <summary>A post; <c>Likes</c> is null where the answer omits it.</summary>
internal sealed record PostAnswer(long Id, long Author, long? Likes, bool? Liked);

internal sealed record PageAnswer(IReadOnlyList<PostAnswer> Items, string? Next);

/// <summary>The state after a like; <c>Likes</c> is omitted while Redis is down.</summary>
internal sealed record LikeAnswer(long? Likes, bool Liked);

internal sealed record ImportAnswer(long Imported);

internal sealed record OracleTimelineAnswer(IReadOnlyList<long> Ids);

/// <summary>The likes of a post as PostgreSQL's reactions, its flushed slots and Redis know them.</summary>
internal sealed record OracleLikes(long? Reactions, long? Slots, long? Visible);

internal sealed record BacklogAnswer(long Messages, long Outbox);

/// <summary>The status, as far as the services' own oracles are in it.</summary>
internal sealed record StatusAnswer(StatusOfServices? Services);

internal sealed record StatusOfServices(IReadOnlyList<StatusOfTimelines?>? Timeline);

internal sealed record StatusOfTimelines(OracleAnswer? Oracle);

internal sealed record OracleAnswer(long Samples, long Entries, long Missing, long Extra, long Duplicate, long Disordered, int Suspects);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = false)]
[JsonSerializable(typeof(TokenRequest))]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(PostRequest))]
[JsonSerializable(typeof(PostAnswer))]
[JsonSerializable(typeof(PageAnswer))]
[JsonSerializable(typeof(LikeAnswer))]
[JsonSerializable(typeof(ImportAnswer))]
[JsonSerializable(typeof(OracleTimelineAnswer))]
[JsonSerializable(typeof(Dictionary<long, OracleLikes>))]
[JsonSerializable(typeof(BacklogAnswer))]
[JsonSerializable(typeof(StatusAnswer))]
internal sealed partial class GatewayJson : JsonSerializerContext;
