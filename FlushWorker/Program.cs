using Floodgate.FlushWorker.Auditing;
using Floodgate.FlushWorker.Commands;
using Floodgate.FlushWorker.Hosting;
using Floodgate.FlushWorker.Retiring;
using Floodgate.FlushWorker.Status;
using Floodgate.Nodes;
using Floodgate.Problems;

if (args is ["parked", .. var words])
{
    return await ParkedCommand.RunAsync(words, Console.Out, CancellationToken.None);
}

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddProblems();
builder.AddFlush();
builder.AddAudit();
builder.AddRetiring();
builder.AddPostgresNodes();
builder.AddTopologyWatch();
builder.AddSchemaMigration();
builder.AddServers();

var app = builder.Build();
app.UseProblems();
app.MapDefaultEndpoints();
app.MapGet("/internal/status", FlushStatus.Answer);
app.Run();
return ParkedCommand.Good;
