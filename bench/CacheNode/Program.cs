using Floodgate.Bench.CacheNode;
using Floodgate.Bench.CacheNode.Callers;
using Floodgate.Bench.CacheNode.Items;
using Floodgate.Bench.CacheNode.Load;
using Floodgate.Bench.CacheNode.Reading;
using Floodgate.Bench.CacheNode.Trips;

// Set up as a service is that reads through the cache.
var builder = WebApplication.CreateBuilder(args);
builder.AddFoundations();
builder.AddItems();
builder.AddReadModes();
builder.AddCallers();
builder.AddLoad();
builder.AddTrips();

var app = builder.Build();
app.UseFoundations();
app.MapItems();
app.MapCallers();
app.MapLoad();
app.MapTrips();
app.Run();
