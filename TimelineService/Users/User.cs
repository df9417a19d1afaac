using System.Text.Json.Serialization;

namespace Floodgate.TimelineService.Users;

/// <summary>A user, as callers see it.</summary>
internal sealed record User(long Id, string Name, long Followers, long Following);

/// <summary>The body of <c>PUT /users/{id}</c>. A field that it does not know is refused: it may be a misspelt one.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record UserName(string? Name);
