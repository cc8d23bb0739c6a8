using PluginHost.ModelServer;

// The server as a program of its own, for tests that are not written in .NET: serves until its input ends.
await using var model = await FakeModel.StartAsync();
Console.WriteLine(model.Endpoint);
while (await Console.In.ReadLineAsync() is not null)
{
}
