// A program on the client that Kiota generates.
using Microsoft.Kiota.Abstractions.Authentication;
using Microsoft.Kiota.Http.HttpClientLibrary;
using PluginHost.Client;
using PluginHost.Client.Models;

var client = new PluginHostClient(new HttpClientRequestAdapter(new AnonymousAuthenticationProvider()) { BaseUrl = args[0] });
var body = new RunBody { Input = new RunBody.RunBody_input { String = "hi" } };

var run = await client.V1.Runs.PostAsync(body);
Console.WriteLine($"run: {run!.Text}");
Console.WriteLine($"part: {run.Output![0].Content![0].ContentPartTextPart!.Text}");

using var stream = new StreamReader((await client.V1.Sessions["journey"].Runs.Stream.PostAsync(body))!);
var events = (await stream.ReadToEndAsync()).Split('\n').Where(l => l.StartsWith("event: ", StringComparison.Ordinal)).ToList();
Console.WriteLine($"stream: {events[0]} … {events[^1]}");

try
{
    await client.V1.Sessions["nowhere"].GetAsync();
}
catch (ProblemBody problem)
{
    Console.WriteLine($"error: {problem.Status} {problem.Type}");
}
