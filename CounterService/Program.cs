using Floodgate.CounterService.Counters;
using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Likes;
using Floodgate.CounterService.Ranking;
using Floodgate.Leases;
using Floodgate.Nodes;
using Floodgate.Problems;
using Floodgate.VisibleValues;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddProblems(problems => problems.Unavailable<NodeUnavailableException>().Unavailable<CacheUnavailableException>().Unavailable<LookupBusyException>().Unavailable<IOException>().Unavailable<TimeoutException>());
builder.AddCounters();
builder.AddPostgresNodes();
builder.AddTopologyWatch();
builder.AddSchemaMigration();
builder.AddServers();

var app = builder.Build();
app.UseProblems();
app.UseRouterTimeline();
app.MapDefaultEndpoints();
app.MapLikes();
app.MapCounters();
app.MapRanking();
app.MapInternal();
app.Run();
