using Floodgate.Problems;
using Floodgate.ReadRouter.Authentication;
using Floodgate.ReadRouter.Choice;
using Floodgate.ReadRouter.Development;
using Floodgate.ReadRouter.Forwarding;
using Floodgate.ReadRouter.OpenApi;
using Floodgate.ReadRouter.Routing;
using Floodgate.ReadRouter.Status;
using Floodgate.Sessions;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddProblems();
builder.AddSessions();
builder.AddNodeChoice();
builder.AddBearerAuthentication();
builder.AddForwarding();
builder.AddStatus();

var app = builder.Build();
app.UseProblems();
app.UseInternalHeaderRemoval();
app.UseBearerAuthentication();
app.MapDefaultEndpoints();
app.MapPublicRoutes();
app.MapStatus();
app.MapOpenApiDocument();
app.MapDevelopmentEndpoints();
app.Run();
