using System.Text.Json.Serialization;
using Floodgate.CounterService.Counters;
using Floodgate.CounterService.Likes;
using Floodgate.CounterService.Oracle;
using Floodgate.CounterService.Ranking;
using Floodgate.CounterService.Status;

namespace Floodgate.CounterService.Hosting;

/// <summary>The JSON of this service, made at build time.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Addition))]
[JsonSerializable(typeof(LikeAnswer))]
[JsonSerializable(typeof(Dictionary<string, long>))]
[JsonSerializable(typeof(Dictionary<long, PostLikes>))]
[JsonSerializable(typeof(Dictionary<string, LikesCheck>))]
[JsonSerializable(typeof(BacklogAnswer))]
[JsonSerializable(typeof(CounterStatusAnswer))]
[JsonSerializable(typeof(TopAnswer))]
[JsonSerializable(typeof(HistoryAnswer))]
internal sealed partial class CounterJson : JsonSerializerContext;
