var builder = WebApplication.CreateBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
var app = builder.Build();
app.MapGet("/health", () => "Healthy");
app.MapGet("/environment", () => Environment.GetEnvironmentVariables());
app.MapGet("/pid", () => Environment.ProcessId);
app.Run();
