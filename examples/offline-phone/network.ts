// A network as phones know it: sometimes away, and sometimes it loses the answer to a request that arrived.

export class Network {
  online = true;
  /** The statuses of answers that were lost on their way. */
  readonly lost: number[] = [];
  #loseNext = false;

  loseNextAnswer(): void {
    this.#loseNext = true;
  }

  /** To be handed to the client in the place of the global one. */
  readonly fetch = async (url: string, init: RequestInit): Promise<Response> => {
    if (!this.online) throw new TypeError("no network");
    const answer = await fetch(url, init);
    if (!this.#loseNext) return answer;
    this.#loseNext = false;
    await answer.arrayBuffer(); // the service has done its work
    this.lost.push(answer.status);
    throw new TypeError("connection lost");
  };
}
