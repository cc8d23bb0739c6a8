using PluginHost.ModelServer;

// The server as a separate process, for tests in other languages. It serves until its input ends.
await using var model = await FakeModel.StartAsync();
Console.WriteLine(model.Endpoint);
while (await Console.In.ReadLineAsync() is not null)
{
}
