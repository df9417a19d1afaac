using Floodgate.Bench.Baselines;
using Floodgate.Problems;

// Set up as CounterService is, so that only the work of a request differs.
var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddProblems(problems => problems.Unavailable<IOException>());
builder.AddBaselines();

var app = builder.Build();
app.UseProblems();
app.MapDefaultEndpoints();
app.MapBaselines();
app.Run();
