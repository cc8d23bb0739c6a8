using System.ComponentModel;
using Microsoft.SemanticKernel;
using Microsoft.SemanticKernel.ChatCompletion;
using Microsoft.SemanticKernel.Connectors.OpenAI;
using PluginHost.ModelServer.Dialects;

namespace PluginHost.EndToEnd.OpenAI;

/// <summary>Semantic Kernel: a call of its function, and a second turn.</summary>
public sealed class SemanticKernelTests(OpenAIFixture fixture) : IClassFixture<OpenAIFixture>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_kernel_calls_its_function_and_has_a_second_turn(bool streamed)
    {
        fixture.Model.Reset();
        fixture.Model.Dialect = new ToolUser();
        var asked = new List<string>();
        var kernel = Kernel.CreateBuilder().AddOpenAIChatCompletion("assistant", fixture.CreateClient()).Build();
        kernel.Plugins.Add(KernelPluginFactory.CreateFromFunctions("city", [kernel.CreateFunctionFromMethod(Weather, "weather")]));
        var chat = kernel.GetRequiredService<IChatCompletionService>();
        var settings = new OpenAIPromptExecutionSettings { FunctionChoiceBehavior = FunctionChoiceBehavior.Auto() };
        var history = new ChatHistory("Be kind.");

        Assert.Equal("It says: fine in Rome", await AskAsync("Please use city-weather"));
        Assert.Equal("Hello there", await AskAsync("thanks"));
        Assert.Equal(["Rome"], asked);

        string Weather([Description("The city.")] string city)
        {
            asked.Add(city);
            return $"fine in {city}";
        }

        async Task<string> AskAsync(string text)
        {
            history.AddUserMessage(text);
            var answer = "";
            if (streamed)
            {
                await foreach (var piece in chat.GetStreamingChatMessageContentsAsync(history, settings, kernel)) answer += piece.Content;
            }
            else
            {
                answer = (await chat.GetChatMessageContentAsync(history, settings, kernel)).Content;
            }

            history.AddAssistantMessage(answer!);
            return answer!;
        }
    }
}
