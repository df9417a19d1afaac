using System.Text.Json.Serialization;
using Floodgate.TimelineService.Import;
using Floodgate.TimelineService.Oracle;
using Floodgate.TimelineService.PendingPosts;
using Floodgate.TimelineService.Posts;
using Floodgate.TimelineService.Users;

namespace Floodgate.TimelineService;

/// <summary>The JSON of this service, generated at build time.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web, NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(User))]
[JsonSerializable(typeof(UserName))]
[JsonSerializable(typeof(Post))]
[JsonSerializable(typeof(PostText))]
[JsonSerializable(typeof(PostPage))]
[JsonSerializable(typeof(PendingPostStatus))]
[JsonSerializable(typeof(Dictionary<long, PostLikes>))]
[JsonSerializable(typeof(Imported))]
[JsonSerializable(typeof(TimelineIds))]
[JsonSerializable(typeof(Backlog))]
[JsonSerializable(typeof(Status))]
[JsonSerializable(typeof(OraclePart))]
internal sealed partial class TimelineJson : JsonSerializerContext;
