namespace Floodgate.TimelineService.Users;

/// <summary>A user, as callers see it.</summary>
internal sealed record User(long Id, string Name, long Followers, long Following);

/// <summary>The body of <c>PUT /users/{id}</c>.</summary>
internal sealed record UserName(string? Name);
